#!/bin/sh
# A microphone made of software: what is played into it is what a program records from it.
#
#   virtual_mic.sh start        a sound server of its own, with a silent sink and a microphone that hears it
#   virtual_mic.sh env          the exports that make a program use it; set them before PortAudio loads
#   virtual_mic.sh play FILE    play a WAV file into it, and wait until it is played
#   virtual_mic.sh unplug|plug  take the microphone away, and put it back
#   virtual_mic.sh suspend|resume
#   virtual_mic.sh listeners    who listens to it now
#   virtual_mic.sh stop
#
# Everything lives in the folder VIRTUAL_MIC_DIR, so several can run side by side and nobody's settings are touched.
# Needs the Debian packages pulseaudio pulseaudio-utils libasound2-plugins libportaudio2.
set -eu

folder=${VIRTUAL_MIC_DIR:?set VIRTUAL_MIC_DIR to a folder that may be created and removed}
socket=$folder/native
export PULSE_RUNTIME_PATH="$folder" PULSE_STATE_PATH="$folder" PULSE_SERVER="unix:$socket"
export PULSE_COOKIE="$folder/cookie" ALSA_CONFIG_PATH="$folder/alsa.conf"

# Without norewinds the sink wakes its monitor only every two seconds, and the start of a word comes late and torn.
sink="module-null-sink sink_name=room rate=16000 channels=1 norewinds=1"
source="module-remap-source source_name=microphone master=room.monitor"

choose() {
    pactl set-default-sink room
    pactl set-default-source microphone
}

case ${1:-} in
start)
    mkdir -p -m 700 "$folder"
    cat > "$ALSA_CONFIG_PATH" <<ALSA
</usr/share/alsa/alsa.conf>
pcm.pulse { type pulse }
ctl.pulse { type pulse }
pcm.!default { type pulse }
ctl.!default { type pulse }
ALSA
    pulseaudio -n --daemonize=yes --use-pid-file=yes --disallow-exit --exit-idle-time=-1 --log-level=error \
        -L "module-native-protocol-unix auth-anonymous=1 socket=$socket" -L "$sink" -L "$source"
    tries=0
    until pactl info > /dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || { echo "the sound server does not answer" >&2; exit 1; }
        sleep 0.05
    done
    choose
    ;;
env)
    for name in PULSE_RUNTIME_PATH PULSE_SERVER PULSE_COOKIE ALSA_CONFIG_PATH; do
        eval "printf '%s=%s\n' $name \"\$$name\""
    done
    ;;
play)
    paplay --device=room --latency-msec=100 "$2"
    ;;
unplug)
    pactl unload-module module-null-sink
    ;;
plug)
    # shellcheck disable=SC2086 - the words of the two lines are separate arguments
    pactl load-module $sink > /dev/null
    # shellcheck disable=SC2086
    pactl load-module $source > /dev/null
    choose
    ;;
suspend)
    pactl suspend-source microphone 1
    ;;
resume)
    pactl suspend-source microphone 0
    ;;
listeners)
    pactl list source-outputs
    ;;
stop)
    if [ -f "$folder/pid" ]; then
        kill "$(cat "$folder/pid")" 2> /dev/null || true
    fi
    rm -rf "$folder"
    ;;
*)
    sed -n '2,13s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
