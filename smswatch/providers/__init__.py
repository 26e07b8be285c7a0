"""Every file in this folder is one provider and nothing else is."""
