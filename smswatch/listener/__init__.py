"""The listener: the HTTP edge that the tunnel exposes, on a thread and a loop of its own."""
