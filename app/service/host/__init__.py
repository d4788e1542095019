"""What the service knows of the host: processors, drives, interfaces, USB devices."""
