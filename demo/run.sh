#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh - the whole way from a genome and models to percentiles, on data made here (make demo).
#
# Prints every command it runs, what the programs say about their speed, and at the end checks
# that variants which disrupt a planted motif rank where they should.  Everything lands in
# build/demo (OUT), where the commands can be tried again.  B is the build directory.
set -eu
B=${B:?is not set; use make demo}
OUT=${OUT:-$(dirname "$B")/demo}
PATH=$B/bin:$PATH
LC_ALL=C
export PATH LC_ALL

say() {
    printf '\n%s\n' "$*"
}

# Show a command as a user would type it, and run it.
run() {
    printf '  $ %s\n' "$1"
    eval "$1"
}

began=$(date +%s)
rm -rf "$OUT"
mkdir -p "$OUT"

say "1. A genome of 1.3 Mb with planted motifs, three models that detect them, and 20 variants"
printf '  $ make-demo %s\n' "$OUT"
"$B/demo/make-demo" "$OUT"
cd "$OUT"
echo "     elements with motifs: $(wc -l <elements.bed | tr -d ' '); tracks: $(
    sed 1d tracks.tsv | cut -f 1 | paste -s -d ' ' -)"

say "2. Draw SNPs, and reference positions"
run "sample-snps --recipe classic -g genome.fa -n 8000 --margin 3000 \\
        --contigs chr1,chr2,chr3,chr4 -o snps.vcf"
run "sample-baselines --recipe baseline-31500 --only random -g genome.fa -n 4000 \\
        --margin 3000 --contigs chr1,chr2,chr3,chr4 -o baseline.bed"

say "3. Effects of the SNPs, in one pipe: predict both alleles, score, keep every score"
run "predict -v -m chrombpnet --tracks tracks.tsv -g genome.fa snps.vcf |
        score-effect -q | reservoir -q -o effect.res"

say "4. Activity of the reference positions, one stage after the other, to see what each costs"
run "predict -v -m chrombpnet --tracks tracks.tsv -g genome.fa -o baseline.pred baseline.bed"
run "score-effect -v -o baseline.scores baseline.pred"
run "reservoir -v -o baseline.res baseline.scores"

say "5. Pack the background: 10,000 points per track and kind"
run "cdf-pack -v -o background.npz effect.res baseline.res"
run "cdf-lookup -b background.npz --status"

say "6. Percentiles of a small VCF"
run "predict -m chrombpnet --tracks tracks.tsv -g genome.fa variants.vcf |
        score-effect | cdf-lookup -b background.npz -o percentiles.tsv"

# A row per allele: percentile of the effect in each track.
awk -F '\t' '
    /^##/ { next }
    /^#/ {
        sub(/^#/, "")
        for (i = 1; i <= NF; i++)
            column[$i] = i
        next
    }
    {
        key = $column["chrom"] ":" $column["pos"] " " $column["ref"] ">" $column["alt"]
        if (!(key in id)) {
            order[++n] = key
            id[key] = $column["id"]
        }
        track = $column["track"]
        if (!(track in seen)) {
            seen[track] = 1
            tracks[++m] = track
        }
        value[key, track] = $column["percentile"]
    }
    END {
        printf "\n     %-17s %-24s", "variant", "change"
        for (j = 1; j <= m; j++)
            printf " %16s", tracks[j]
        print ""
        for (i = 1; i <= n; i++) {
            printf "     %-17s %-24s", id[order[i]], order[i]
            for (j = 1; j <= m; j++)
                printf " %16s", sprintf("%.2f %%", 100 * value[order[i], tracks[j]])
            print ""
        }
    }' percentiles.tsv

# What must have come out: a change of the motif that a cell type depends on is among the top
# 1 % of all SNPs there, and a neutral one is not.
cat >expected.tsv <<'END'
ctcf_break	DNASE:stem
ctcf_break	DNASE:epithelial
ctcf_break	DNASE:lymphoid
ctcf_deletion	DNASE:stem
ap1_break	DNASE:epithelial
ap1_gain	DNASE:epithelial
ets_break	DNASE:lymphoid
ets_mnv	DNASE:lymphoid
ets_insertion	DNASE:lymphoid
END
say "7. Check"
awk -F '\t' '
    FNR == NR { want[$1, $2] = 1; n_want++; next }
    /^##/ { next }
    /^#/ {
        sub(/^#/, "")
        for (i = 1; i <= NF; i++)
            column[$i] = i
        next
    }
    {
        id = $column["id"]
        track = $column["track"]
        p = $column["percentile"]
        if ((id, track) in want) {
            n_top++
            if (p < 0.99)
                bad = bad "\n     " id " in " track ": " p ", expected 0.99 or more"
        } else if (id ~ /^neutral/) {
            n_neutral++
            if (p >= 0.99)
                bad = bad "\n     " id " in " track ": " p ", expected less than 0.99"
        }
    }
    END {
        if (n_top != n_want || !n_neutral)
            bad = bad "\n     found " n_top + 0 " of " n_want " motif changes and " n_neutral + 0 \
                  " neutral ones"
        if (bad) {
            print "     FAILED:" bad
            exit 1
        }
        printf "     %d disrupted motifs rank in the top 1 %% of their track; ", n_top
        printf "%d neutral changes do not.\n", n_neutral
    }' expected.tsv percentiles.tsv
rm expected.tsv
say "Done in $(($(date +%s) - began)) s.  Everything is in $OUT; try for example:"
echo "  $ cd $OUT && cdf-lookup -b background.npz -t DNASE:lymphoid 0.5"
