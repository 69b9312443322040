"""Campaign + catalog + library index -> Plan -> Verdict, all pure."""
