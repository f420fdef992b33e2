"""What to do about each error that has a code: of the policy language, of the REST API, of a control plane's checks."""
