"""What the tests stand on: private services, a live server, a browser. No test lives here."""
