# Under a user's limits (ulimit, a batch system's) programs go on with less, or say what to do:
# none ends by a signal.  STATUS  EXPECTED  command
0 - make-genome > g.fa && mkweights bpnet_chip chip.h5 --filters 8 --layers 2 --input 200 --output 60 && cp $D/predict/variants.vcf v.vcf && predict -q -m bpnet -w X=chip.h5 -g g.fa -o whole v.vcf && score-effect -q --text -o s.tsv whole && reservoir -q -o s.res s.tsv && cdf-pack -q --width 12 -o bg.npz s.res

# Memory (ulimit -v) from too little to start to enough, more threads asked for than fit.
0 - memory-limits 10000 2100 100000 predict -@ 64 -m bpnet -w X=chip.h5 -g g.fa -o few v.vcf && cmp whole few || case $B in *asan*) ;; *) exit 1 ;; esac
0 - memory-limits 10000 5300 150000 predict -@ 64 --window-threads 8 -m bpnet -w X=chip.h5 -g g.fa -o few v.vcf && cmp whole few || case $B in *asan*) ;; *) exit 1 ;; esac
0 - case $B in *asan*) exit 0 ;; esac; (ulimit -v 100000; err 'memory is limited (ulimit -v)' predict -@ 64 -m bpnet -w X=chip.h5 -g g.fa -o few v.vcf)
0 - memory-limits 10000 2900 100000 score-effect -q -o t whole
0 - memory-limits 8000 2300 60000 reservoir -q -o t s.tsv
0 - memory-limits 8000 2300 300000 cdf-pack -q -@ 64 -o t s.res
0 - memory-limits 8000 2300 60000 cdf-lookup -q -b bg.npz s.tsv
0 - memory-limits 8000 2300 100000 onehot -q -g g.fa -L 200 -o t v.vcf
0 - memory-limits 8000 2300 100000 sample-snps --recipe classic --contigs chr1 -g g.fa -n 3 --margin 100 -o t
0 - memory-limits 8000 2300 300000 cdf-annotate -q -@ 64 -O z -b bg.npz --vcf v.vcf -o t.vcf.gz s.tsv
# OpenBLAS asks for 128 MB for each thread, for ever where it does not get them.
0 - PERTRACK_KERNELS=blas predict -q -m bpnet -w X=chip.h5 -g g.fa -o whole v.vcf 2> why || { grep -q 'no BLAS' why && exit 0; cat why; exit 1; }; PERTRACK_KERNELS=blas memory-limits 60000 24000 400000 predict -@ 8 -m bpnet -w X=chip.h5 -g g.fa -o few v.vcf
