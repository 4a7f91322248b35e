SELECT o.name, o.offset FROM (SELECT arrayJoin(gdelt_orgs('Acme,3;Zenith Ltd,40')) AS o) ORDER BY o.offset
