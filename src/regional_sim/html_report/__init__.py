"""One page that opens offline and says what a result folder found."""
