"""From YAML text to objects."""
