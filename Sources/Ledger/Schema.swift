internal import GRDB

/// The tables, by the release that made them. A migration that has shipped never changes.
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { database in
      try database.execute(sql: first)
    }
    migrator.registerMigration("2") { database in
      try database.execute(sql: "CREATE INDEX auditTime ON audit (at)")
    }
    migrator.registerMigration("3") { database in
      try database.execute(sql: charges)
    }
    migrator.registerMigration("4") { database in
      try database.execute(sql: budgetEntries)
    }
    return migrator
  }

  private static let first = """
    -- One row a start of sluiced: the number that its writes begin with.
    CREATE TABLE term (term INTEGER PRIMARY KEY, startedAt INTEGER NOT NULL) STRICT;

    -- What was decided, in its order; milliseconds since the epoch.
    CREATE TABLE event (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, payload TEXT NOT NULL) STRICT;

    -- What the events add up to: the state that a start reads.
    CREATE TABLE record (key TEXT PRIMARY KEY, payload TEXT NOT NULL) STRICT, WITHOUT ROWID;

    -- Writes to clusters, and how each ended.
    CREATE TABLE effect (
      id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, cluster TEXT NOT NULL, term INTEGER NOT NULL,
      sequence INTEGER NOT NULL, payload TEXT NOT NULL, endedAt INTEGER, outcome TEXT,
      UNIQUE (cluster, term, sequence)
    ) STRICT;
    CREATE INDEX effectOpen ON effect (id) WHERE outcome IS NULL;

    -- Who changed what, when, from what to what, and why.
    CREATE TABLE audit (
      id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,
      project TEXT, cluster TEXT, fromValue TEXT, toValue TEXT, reason TEXT
    ) STRICT;
    CREATE INDEX auditProject ON audit (project, id);
    CREATE INDEX auditCluster ON audit (cluster, id);
    """

  private static let charges = """
    -- Work that has ended, each allocation once; seconds since the epoch.
    CREATE TABLE charge (
      id INTEGER PRIMARY KEY, cluster TEXT NOT NULL, job TEXT NOT NULL, submittedAt INTEGER NOT NULL,
      startedAt INTEGER NOT NULL, endedAt INTEGER NOT NULL, seconds INTEGER NOT NULL, project TEXT,
      account TEXT NOT NULL, user TEXT NOT NULL, partition TEXT NOT NULL, qos TEXT, state TEXT NOT NULL,
      tres TEXT NOT NULL, partOf TEXT,
      UNIQUE (cluster, job, submittedAt, startedAt)
    ) STRICT;
    CREATE INDEX chargeEnd ON charge (endedAt);

    -- How far each cluster's were asked for, in its agent's words.
    CREATE TABLE chargeCursor (cluster TEXT PRIMARY KEY, cursor TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """

  private static let budgetEntries = """
    -- What administrators gave budgets, or took from them; seconds since the epoch.
    CREATE TABLE budgetEntry (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, project TEXT NOT NULL, tres TEXT NOT NULL,
      milliHours INTEGER NOT NULL, isDebit INTEGER NOT NULL, who TEXT NOT NULL, reason TEXT NOT NULL
    ) STRICT;
    CREATE INDEX budgetEntryTime ON budgetEntry (at);
    """
}
