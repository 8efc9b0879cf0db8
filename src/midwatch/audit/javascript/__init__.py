"""TypeScript and JavaScript, by tree-sitter: needs the extra `audit`."""
