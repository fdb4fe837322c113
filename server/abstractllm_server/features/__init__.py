"""The features of the server, one file each; only `app` imports them."""
