"""Chat: the widget's and the console's sockets, the widget's requests, live push."""
