"""Settings of machines and of the installation: typed model, XML files, media registry, paths."""
