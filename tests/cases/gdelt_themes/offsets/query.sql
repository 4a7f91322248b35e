SELECT gdelt_themes(v) FROM VALUES('v String', ('TAX_FNCACT,1975;KILL,12;TAX_FNCACT,3'), ('KILL;TERROR;'), (''), (';;'))
