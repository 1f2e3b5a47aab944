"""The catalogue as a sheet: CSV and XLSX, out and in, with a dry run that tells every row."""
