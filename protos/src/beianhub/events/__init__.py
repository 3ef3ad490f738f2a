"""Generated; see protos/proto."""
