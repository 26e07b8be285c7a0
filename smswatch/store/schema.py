"""The database's shape: forward-only migrations, numbered by `PRAGMA user_version`.

Times are UTC milliseconds beside the provider's own words. Ids, numbers, mcc and mnc are text: ids
exceed 64 bits and `03` is not `3`. Row ids of messages, inbound SMS, reports and requests rise in the
order of first arrival. `changed` is the sequence number of the row's last change, one sequence for the
whole database, so that a reader can ask what changed since it last looked.
"""

from __future__ import annotations

APPLICATION_ID = 0x736D7377
"""`smsw` in the file's header: tells our databases from anybody else's."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE requests(
      id INTEGER PRIMARY KEY,
      arrived_ms INTEGER NOT NULL,
      provider TEXT NOT NULL,
      method TEXT NOT NULL,
      path TEXT NOT NULL,
      query TEXT NOT NULL,
      headers TEXT NOT NULL,
      content_type TEXT NOT NULL,
      body BLOB NOT NULL,
      outcome TEXT NOT NULL,
      problem TEXT,
      answer_status INTEGER NOT NULL,
      answer_type TEXT NOT NULL,
      answer_body TEXT NOT NULL,
      changed INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX requests_changed ON requests(changed);
    CREATE INDEX requests_outcome ON requests(outcome);

    CREATE TABLE contacts(
      id INTEGER PRIMARY KEY,
      number TEXT NOT NULL UNIQUE,
      reversed TEXT NOT NULL,
      digits TEXT NOT NULL
    ) STRICT;
    CREATE INDEX contacts_reversed ON contacts(reversed);

    CREATE TABLE messages(
      id INTEGER PRIMARY KEY,
      provider TEXT NOT NULL,
      message_id TEXT NOT NULL,
      contact INTEGER,
      number TEXT,
      registered_number TEXT,
      status TEXT NOT NULL,
      rank INTEGER NOT NULL,
      provider_status TEXT NOT NULL,
      channel TEXT,
      channels TEXT NOT NULL,
      error_code TEXT,
      error_text TEXT,
      flags TEXT NOT NULL,
      reports INTEGER NOT NULL,
      duplicates INTEGER NOT NULL,
      text TEXT,
      label TEXT,
      mcc TEXT,
      mnc TEXT,
      device TEXT,
      sim TEXT,
      first_seen_ms INTEGER NOT NULL,
      last_seen_ms INTEGER NOT NULL,
      delivered_ms INTEGER,
      latency_ms INTEGER,
      changed INTEGER NOT NULL,
      UNIQUE(provider, message_id)
    ) STRICT;
    CREATE INDEX messages_status ON messages(status);
    CREATE INDEX messages_provider_status ON messages(provider, status);
    CREATE INDEX messages_contact ON messages(contact) WHERE contact IS NOT NULL;
    CREATE INDEX messages_changed ON messages(changed);

    CREATE TABLE reports(
      id INTEGER PRIMARY KEY,
      message INTEGER NOT NULL,
      digest INTEGER NOT NULL,
      status TEXT NOT NULL,
      provider_status TEXT NOT NULL,
      overall_stated INTEGER NOT NULL,
      channels TEXT NOT NULL,
      occurred_ms INTEGER,
      occurred_zone TEXT,
      occurred_raw TEXT,
      ordered_ms INTEGER,
      starts_attempt INTEGER NOT NULL,
      number TEXT,
      mcc TEXT,
      mnc TEXT,
      device TEXT,
      sim TEXT,
      error_code TEXT,
      error_text TEXT,
      arrived_ms INTEGER NOT NULL,
      times_received INTEGER NOT NULL,
      request INTEGER NOT NULL,
      UNIQUE(message, digest)
    ) STRICT;

    CREATE TABLE inbound(
      id INTEGER PRIMARY KEY,
      provider TEXT NOT NULL,
      digest INTEGER NOT NULL,
      message_id TEXT,
      contact INTEGER,
      number TEXT,
      body TEXT NOT NULL,
      reply_to TEXT,
      sent_ms INTEGER,
      sent_raw TEXT,
      received_ms INTEGER,
      received_raw TEXT,
      zone TEXT,
      mcc TEXT,
      mnc TEXT,
      device TEXT,
      sim TEXT,
      media_url TEXT,
      arrived_ms INTEGER NOT NULL,
      times_received INTEGER NOT NULL,
      request INTEGER NOT NULL,
      changed INTEGER NOT NULL,
      UNIQUE(provider, digest)
    ) STRICT;
    CREATE INDEX inbound_contact ON inbound(contact) WHERE contact IS NOT NULL;
    CREATE INDEX inbound_reply ON inbound(provider, reply_to) WHERE reply_to IS NOT NULL;
    CREATE INDEX inbound_changed ON inbound(changed);

    CREATE TABLE repeats(
      id INTEGER PRIMARY KEY,
      report INTEGER,
      inbound INTEGER,
      request INTEGER NOT NULL,
      arrived_ms INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX repeats_report ON repeats(report) WHERE report IS NOT NULL;
    CREATE INDEX repeats_inbound ON repeats(inbound) WHERE inbound IS NOT NULL;

    CREATE TABLE registrations(
      provider TEXT NOT NULL,
      message_id TEXT NOT NULL,
      number TEXT NOT NULL,
      text TEXT,
      label TEXT,
      registered_ms INTEGER NOT NULL,
      PRIMARY KEY(provider, message_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE counters(
      subject TEXT NOT NULL,
      provider TEXT NOT NULL,
      name TEXT NOT NULL,
      n INTEGER NOT NULL,
      PRIMARY KEY(subject, provider, name)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE sequence(n INTEGER NOT NULL) STRICT;
    INSERT INTO sequence VALUES (0);
    """,
    # So that times and providers are found without looking at everything, on every list.
    """
    CREATE INDEX messages_first_seen ON messages(first_seen_ms);
    CREATE INDEX inbound_arrived ON inbound(arrived_ms);
    CREATE INDEX inbound_provider ON inbound(provider);
    CREATE INDEX requests_arrived ON requests(arrived_ms);
    DROP INDEX requests_outcome;
    CREATE INDEX requests_provider_outcome ON requests(provider, outcome);
    """,
    # The messages that a person marked.
    """
    CREATE TABLE marks(
      message INTEGER PRIMARY KEY,
      marked_ms INTEGER NOT NULL
    ) STRICT;
    """,
)

VERSION = len(MIGRATIONS)
