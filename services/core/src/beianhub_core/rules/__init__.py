"""Pure checks of filing data: each finding names its rule, its source and the remedy, and never a personal value."""
