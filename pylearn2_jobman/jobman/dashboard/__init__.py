"""The web page over a job table: ``jobman dashboard``."""
