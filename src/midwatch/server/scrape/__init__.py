"""Scraping: targets found, pages fetched, read and put into the write-ahead log as remote write would bring them."""
