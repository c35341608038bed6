# Write the pages of the manual as a C file: cmake -DFOLDER=... -DOUT=... -P embed.cmake

file (WRITE ${OUT} "#include \"core/fanoutd/manual.h\"\n\n#include <stddef.h>\n\n"
                   "const ManualPage manual_pages[] = {\n")
foreach (page fanoutd.1 fanout.ini.5 fanout-plugin.7)
  file (READ ${FOLDER}/${page}.in text)
  string (REPLACE "\\" "\\\\" text "${text}")
  string (REPLACE "\"" "\\\"" text "${text}")
  string (REPLACE "\n" "\\n\"\n  \"" text "${text}")
  file (APPEND ${OUT} "  { \"${page}\",\n  \"${text}\" },\n")
endforeach ()
file (APPEND ${OUT} "  { NULL, NULL },\n};\n")
