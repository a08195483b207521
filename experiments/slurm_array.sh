#!/usr/bin/env bash
#SBATCH --job-name=regional_sim
#SBATCH --cpus-per-task=4
#SBATCH --time=02:00:00
#SBATCH --requeue
# A sweep as a job array: each job runs one shard into a folder of its own.
#
#   sbatch --array=1-20 slurm_array.sh experiment.yaml /shared/results 20 [OPTION...]
#   sbatch --dependency=afterok:JOB --wrap \
#       'regional-sim merge /shared/results/part_* --out /shared/results/whole'
#
# The number of shards is said twice: Slurm's own count would change when only a few jobs of an
# array are sent again (--array=3,7), and with it what each shard is. A job that was stopped goes
# on where it was (--resume), so it may be requeued or sent again at any time.
set -euo pipefail

usage='usage: sbatch --array=1-SHARDS slurm_array.sh EXPERIMENT FOLDER SHARDS [OPTION...]'
experiment=${1:?$usage}
folder=${2:?$usage}
shards=${3:?$usage}

exec regional-sim sweep "$experiment" \
    --shard "${SLURM_ARRAY_TASK_ID:?$usage}/$shards" \
    --workers "${SLURM_CPUS_PER_TASK:-1}" \
    --out "$folder/part_$SLURM_ARRAY_TASK_ID" \
    --resume "${@:4}"
