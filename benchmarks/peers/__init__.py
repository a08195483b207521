"""The model as a Mesa or agentpy modeller would write it: agents, and the rules as plain Python."""
