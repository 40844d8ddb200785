"""The pages of one claim as ready values, for sellers and the desk; only its views know a request."""
