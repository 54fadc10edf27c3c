"""From Beancount directives to frozen values: Beancount's optional fields end here."""
