"""The company's own systems, behind small ports: accounts, orders, stock, returns, tickets."""
