"""The demonstration: a reseller's customers filed through three providers into one record each."""
