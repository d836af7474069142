"""How many records of each kind there are, and their sums, kept by SQLite itself with every change of a record.

A quota is counted at every create: this answers at once, however many servers there are.
"""

TALLY = """
CREATE TABLE IF NOT EXISTS tally (
    kind TEXT PRIMARY KEY, count INTEGER NOT NULL, cores INTEGER NOT NULL, ram INTEGER NOT NULL, size INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO tally
    SELECT kind, COUNT(*), COALESCE(SUM(cores), 0), COALESCE(SUM(ram), 0), COALESCE(SUM(size), 0)
    FROM record WHERE NOT EXISTS (SELECT 1 FROM tally) GROUP BY kind;
CREATE TRIGGER IF NOT EXISTS tally_of_new AFTER INSERT ON record BEGIN
    INSERT INTO tally VALUES (NEW.kind, 1, COALESCE(NEW.cores, 0), COALESCE(NEW.ram, 0), COALESCE(NEW.size, 0))
    ON CONFLICT (kind) DO UPDATE SET count = count + 1, cores = cores + excluded.cores, ram = ram + excluded.ram,
        size = size + excluded.size;
END;
CREATE TRIGGER IF NOT EXISTS tally_of_removed AFTER DELETE ON record BEGIN
    UPDATE tally SET count = count - 1, cores = cores - COALESCE(OLD.cores, 0), ram = ram - COALESCE(OLD.ram, 0),
        size = size - COALESCE(OLD.size, 0) WHERE kind = OLD.kind;
END;
CREATE TRIGGER IF NOT EXISTS tally_of_changed AFTER UPDATE ON record
WHEN OLD.cores IS NOT NEW.cores OR OLD.ram IS NOT NEW.ram OR OLD.size IS NOT NEW.size BEGIN
    UPDATE tally SET cores = cores - COALESCE(OLD.cores, 0) + COALESCE(NEW.cores, 0),
        ram = ram - COALESCE(OLD.ram, 0) + COALESCE(NEW.ram, 0),
        size = size - COALESCE(OLD.size, 0) + COALESCE(NEW.size, 0) WHERE kind = OLD.kind;
END;
"""
"""The SQL that makes the table `tally`, fills it where it is new, and keeps it right."""
