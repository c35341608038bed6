# Write the texts of new-plugin as a C file: cmake -DFOLDER=... -DOUT=... -P embed.cmake

function (quote path variable)
  file (READ ${path} text)
  string (REPLACE "\\" "\\\\" text "${text}")
  string (REPLACE "\"" "\\\"" text "${text}")
  string (REPLACE "\n" "\\n\"\n  \"" text "${text}")
  set (${variable} "\"${text}\"" PARENT_SCOPE)
endfunction ()

function (template variable source cmake ini script)
  quote (${FOLDER}/${source} c)
  quote (${FOLDER}/${cmake} build)
  quote (${FOLDER}/${ini} pipeline)
  quote (${FOLDER}/${script} test)
  file (APPEND ${OUT} "\nconst TemplateFile ${variable}[] = {\n"
    "  { \"@name@.c\",\n  ${c} },\n"
    "  { \"CMakeLists.txt\",\n  ${build} },\n"
    "  { \"@name@.ini\",\n  ${pipeline} },\n"
    "  { \"test.sh\",\n  ${test} },\n"
    "  { NULL, NULL },\n};\n")
endfunction ()

file (WRITE ${OUT} "#include \"core/fanoutd/template.h\"\n\n#include <stddef.h>\n")
template (template_fold fold.c operator.cmake operator.ini fold.sh)
template (template_mergeable mergeable.c operator.cmake operator.ini mergeable.sh)
template (template_loop loop.c operator.cmake operator.ini loop.sh)
quote (${FOLDER}/feed.c feed)
file (APPEND ${OUT} "\nconst char template_feed[] = ${feed};\n")
template (template_source source.c source.cmake source.ini source.sh)
template (template_sink sink.c sink.cmake sink.ini sink.sh)
