"""The Debug menu: a look into the running machine."""
