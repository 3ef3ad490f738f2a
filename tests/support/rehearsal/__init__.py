"""What the tests of the whole share: real processes of the command, their API, their ledger, their personal data."""
