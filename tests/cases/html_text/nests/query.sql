SELECT length(html_text(concat(repeat('<div>', 3000), 'x'))), html_text(concat(repeat('<b><i>', 200), 'y')), length(html_text(repeat('<isindex>', 10))) <= 90
