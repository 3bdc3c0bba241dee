# call-peaks: STATUS  EXPECTED  command; see run.sh
# tests/data/peaks: a track, and what macs3 bdgpeakcall 3.0 makes of it with --o-file macs.
0 -  call-peaks -c 2 -l 100 -g 20 --name macs $D/peaks/track.bdg | cmp - $D/peaks/macs_c2_l100_g20.narrowPeak
0 -  call-peaks -c 0 -l 50 -g 0 --name macs $D/peaks/track.bdg | cmp - $D/peaks/macs_c0_l50_g0.narrowPeak
0 -  call-peaks --cutoff-analysis --cutoff-max 12 -l 80 -g 25 $D/peaks/track.bdg | cmp - $D/peaks/macs_cutoffs.tsv
# From a pipe, compressed, with comments and track lines, Windows line ends, spaces for tabs.
0 -  call-peaks -c 2 -l 100 -g 20 --name macs < $D/peaks/track.bdg | cmp - $D/peaks/macs_c2_l100_g20.narrowPeak
0 -  gzip -c $D/peaks/track.bdg > t.gz && call-peaks -c 2 -l 100 -g 20 --name macs t.gz | cmp - $D/peaks/macs_c2_l100_g20.narrowPeak
0 -  { echo 'track type=bedGraph'; echo '# x'; echo 'browser position chr1'; echo; sed 's/$/\r/' $D/peaks/track.bdg; } | call-peaks -c 2 -l 100 -g 20 --name macs | cmp - $D/peaks/macs_c2_l100_g20.narrowPeak
0 -  tr '\t' ' ' < $D/peaks/track.bdg | call-peaks -c 2 -l 100 -g 20 --name macs | cmp - $D/peaks/macs_c2_l100_g20.narrowPeak
0 -  call-peaks -c 2 -l 100 -g 20 --no-trackline --name macs -o o.np $D/peaks/track.bdg && sed 1d $D/peaks/macs_c2_l100_g20.narrowPeak | cmp - o.np
# A hole is 0: two peaks, or one where the gap may be as wide.
0 -  printf 'c\t0\t300\t7\nc\t400\t700\t7\n' > hole && call-peaks -q --no-trackline hole | cut -f 2,3,10 | tr '\n\t' ' :' | grep -qx '0:300:150 400:700:150 '
0 -  call-peaks -q --no-trackline -g 100 hole | cut -f 2,3,10 | grep -qx "0.700.150"
0 -  err '1 stretches between lines that no line covers, taken as 0' call-peaks hole
# A stretch in two lines of one value is one segment.
0 -  printf 'c\t0\t100\t7\nc\t100\t300\t7\n' | call-peaks --no-trackline | cut -f 10 | grep -qx 150
# The network: every output, whatever the cut of the input (tests/unit/test_peak_net.c has DiffBio's).
0 -  awk '{ for (p = $2; p < $3; p++) print $1 "\t" p "\t" p + 1 "\t" $4 }' $D/peaks/track.bdg > each.bdg
0 -  call-peaks -w $R/peaks/small.npz -O tsv $D/peaks/track.bdg > a.tsv && call-peaks -w $R/peaks/small.npz -O tsv each.bdg | cmp - a.tsv
0 -  test $(grep -vc '^#' a.tsv) -eq $(wc -l < each.bdg) && head -1 a.tsv | grep -q 'chrom.start.end.score.probability.summit.peak_start.peak_end'
0 -  call-peaks -w $R/peaks/small.npz --bin 7 each.bdg > b7 && call-peaks -w $R/peaks/small.npz --bin 7 $D/peaks/track.bdg | cmp - b7
0 -  call-peaks -w $R/peaks/denoised.npz --sample 4 -O tsv each.bdg > s.tsv && call-peaks -w $R/peaks/denoised.npz --sample 4 -O tsv $D/peaks/track.bdg | cmp - s.tsv
0 -  ! call-peaks -w $R/peaks/denoised.npz --sample 5 -O tsv $D/peaks/track.bdg | cmp -s - s.tsv && ! call-peaks -w $R/peaks/denoised.npz -O tsv $D/peaks/track.bdg | cmp -s - s.tsv
# Probabilities called by MACS' rule are what the network's own call has.
0 -  call-peaks -w $R/peaks/small.npz -c 0.48 -l 20 --no-trackline $D/peaks/track.bdg | cut -f 1-3,10 > net.bed && test -s net.bed
0 -  call-peaks -w $R/peaks/small.npz -O bedgraph $D/peaks/track.bdg | call-peaks -c 0.48 -l 20 --no-trackline | cut -f 1-3,10 | cmp - net.bed
0 -  call-peaks -w $R/peaks/small.npz -c 0.48 -l 20 --no-trackline $D/peaks/track.bdg | awk 'NF != 10 || $5 < 480 || $5 > 1000 || $8 != -1 || $9 != -1 { exit 1 }'
# A higher threshold makes probabilities smaller; the guide's boundaries are of scores.
0 -  call-peaks -w $R/peaks/small.npz --threshold 50 $D/peaks/track.bdg | grep -vc '^track' | grep -qx 0
0 -  call-peaks -w $R/peaks/small.npz -O tsv --temperature 2 --boundaries guide $D/peaks/track.bdg | awk '!/^#/ { if ($1 == c) { d = $7 - 1 / (1 + exp((s - $4) / 2.000001)); if (d > 1e-6 || d < -1e-6) exit 1 } c = $1; s = $4 }'
# Training: peaks of a track that are there are found in another; the same bytes again.
0 -  awk 'BEGIN { srand(3); for (c = 1; c < 3; c++) for (i = 0; i < 1500; i++) { m = i % 250; printf "c%d\t%d\t%d\t%.3f\n", c, i, i + 1, rand() + 9 * exp(-(m - 125) ^ 2 / 200) } }' > learn.bdg
0 -  awk 'BEGIN { for (c = 1; c < 3; c++) for (i = 125; i < 1500; i += 250) printf "c%d\t%d\t%d\n", c, i - 20, i + 20 }' > learn.bed
0 -  grep ^c1 learn.bdg | call-peaks -q --train learn.bed --filters 6 --kernels 5,11 --steps 300 --rate 0.01 -o net.npz
0 -  grep ^c1 learn.bdg | call-peaks -q --train learn.bed --filters 6 --kernels 5,11 --steps 300 --rate 0.01 | cmp - net.npz
0 -  grep ^c2 learn.bdg | call-peaks -w net.npz -l 20 --no-trackline | awk '{ d = $2 + $10 - 125 - 250 * (NR - 1); if (d < -10 || d > 10) exit 1 } END { exit NR != 6 }'
0 -  err 'loss 0.' call-peaks --train learn.bed --filters 2 --kernels 3 --steps 2 -o x.npz learn.bdg
0 -  grep ^c1 learn.bed > c1.bed && err 'left out 1 chromosomes of the track on which c1.bed has no peak' call-peaks --train c1.bed --filters 2 --kernels 3 --steps 2 -o x.npz learn.bdg
1 -  sed 's/^c/chr/' learn.bed > other.bed; err 'none of its peaks lies on the track' call-peaks --train other.bed -o x2.npz learn.bdg
0 -  test ! -e x2.npz
1 -  err 'is empty' call-peaks --train /dev/null -o x2.npz learn.bdg
# Wrong files of parameters.
1 -  err "has no tensor 'peak_cnn/conv_layers/0/kernel'" call-peaks -w $R/peaks/small_out.npz $D/peaks/track.bdg
1 -  head -c 900 $R/peaks/small.npz > cut.npz; err 'cut.npz' call-peaks -w cut.npz $D/peaks/track.bdg
1 -  err 'no-such' call-peaks -w no-such.npz $D/peaks/track.bdg
# Bad tracks.
1 -  err 'holds no bedGraph line' call-peaks /dev/null
1 -  printf 'track type=bedGraph\n' | err 'holds no bedGraph line' call-peaks
1 -  printf 'c\t0\t10\t1\nc\t5\t20\t1\n' | err ':2: c:5 begins before the end of the line above, 10' call-peaks -o x3
1 -  printf 'c\t50\t60\t1\nc\t5\t20\t1\n' | err 'begins before the end of the line above' call-peaks
1 -  printf 'c\t0\t10\t1\nd\t5\t20\t1\nc\t10\t20\t1\n' | err ':3: c comes back behind d; sort the file' call-peaks
1 -  printf 'c\t0\t10\n' | err 'does not begin with an interval' call-peaks
1 -  printf 'c\t0\t10\t\n' | err 'fewer than four columns' call-peaks
1 -  printf 'c\t0\t10\tnan\n' | err "value 'nan' is not a finite number" call-peaks
1 -  printf 'c\t0\t10\t1e39\n' | err 'single precision' call-peaks
1 -  printf 'c\t0\t10\t1,5\n' | err "value '1,5'" call-peaks
1 -  printf 'c\t10\t10\t1\n' | err 'not behind its start' call-peaks
1 -  printf 'c\t-3\t10\t1\n' | err 'does not begin with an interval' call-peaks
1 -  printf 'chr1\t100\trs1\tA\tG\n' | err 'does not begin with an interval' call-peaks
1 -  printf 'c\t0\t10\t1\n' | err 'no range of cutoffs' call-peaks --cutoff-analysis
1 -  gzip -c $D/peaks/track.bdg | head -c 1000 | err 'cut short' call-peaks
1 -  err 'cannot open' call-peaks no-such-file
1 -  err 'device' call-peaks -o /dev/full $D/peaks/track.bdg
1 -  err 'device' call-peaks -w $R/peaks/small.npz -O tsv -o /dev/full $D/peaks/track.bdg
0 -  test ! -e x3
0 -  closed call-peaks -w $R/peaks/small.npz -O tsv $D/peaks/track.bdg
0 -  closed call-peaks $D/peaks/track.bdg
# Wrong usage.
2 -  err 'one input at a time' call-peaks a b
2 -  err 'give --weights' call-peaks -O tsv $D/peaks/track.bdg
2 -  err 'give --weights' call-peaks --bin 10 $D/peaks/track.bdg
2 -  err 'give one of them' call-peaks -w a --train b $D/peaks/track.bdg
2 -  err 'draws from a denoiser' call-peaks -w $R/peaks/small.npz --sample 1 $D/peaks/track.bdg
2 -  err 'is code or guide' call-peaks --boundaries x $D/peaks/track.bdg
2 -  err 'narrowpeak, bedgraph or tsv' call-peaks -O bed $D/peaks/track.bdg
2 -  err 'pipe -O bedgraph' call-peaks -w a --cutoff-analysis $D/peaks/track.bdg
2 -  err 'no tab' call-peaks --name "$(printf 'a\tb')" $D/peaks/track.bdg
2 -  err '--kernels' call-peaks --train a --kernels 5,x $D/peaks/track.bdg
