"""EM: the execution manager, its run loop and the execution engines behind one protocol."""
