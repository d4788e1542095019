"""The image formats: one module each, found by looking into this package, listed nowhere."""
