# call-peaks: STATUS  EXPECTED  command; see run.sh
0 -  echo text | call-peaks | grep -qx text
0 -  echo text | call-peaks -o out && grep -qx text out
2 -  err 'one input at a time' call-peaks a b
2 -  err '--help' call-peaks --no-such-option
1 -  err 'cannot' call-peaks no-such-file
1 -  echo text | err 'device' call-peaks -o /dev/full
0 -  closed call-peaks $D/../run.sh
