"""ACPI: an AML assembler, the tables of the board and how the firmware places them."""
