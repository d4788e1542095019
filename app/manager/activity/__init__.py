"""The Activity tools: what running machines take, as charts and as a table."""
