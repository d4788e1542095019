"""The pages of the settings dialog; each module declares one (see ``page.settings_page``)."""
