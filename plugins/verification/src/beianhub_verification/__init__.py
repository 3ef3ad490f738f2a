"""The verification plugins of beianhub: MIIT SMS, face check, domain and IP checks."""
