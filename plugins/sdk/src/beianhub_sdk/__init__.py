"""What a plugin author imports: hook specifications, provider and verifier interfaces, manifest, errors and a conformance kit."""
