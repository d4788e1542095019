"""The guest's screen: frames from the engine, placement in the window, painting."""
