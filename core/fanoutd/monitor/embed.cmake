# Write the page as a C file: cmake -DPAGE=... -DOUT=... -P embed.cmake

# A literal may be no longer than 4095 bytes everywhere: an array of bytes may.
file (READ ${PAGE} bytes HEX)
string (REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string (REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file (WRITE ${OUT}
  "#include \"core/fanoutd/monitor/page.h\"\n\nconst char page_html[] = {\n${bytes}0\n};\n")
