"""Pure checks of filing data: each finding names its rule, its source and the remedy, and never a personal value.

:func:`beianhub_core.rules.normalise.normalise_subject` first, then :func:`beianhub_core.rules.subjects.check_subject`.
"""
