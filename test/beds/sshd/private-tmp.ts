// Gives a test's sshd a /var/tmp of its own, so that what is deployed there does not stay on the machine.

/** For `prepare` of startSshd. */
export const privateVarTmp: readonly string[] = [
  'mkdir $folder/tmp && chmod 1777 $folder/tmp',
  // The fixture itself may lie below /var/tmp: it must still be found there.
  'keep=$folder/tmp/$(echo $folder | sed s,^/var/tmp/,,)',
  'if [ "$keep" != "$folder/tmp/$folder" ]; then mkdir -p $keep && mount --bind $folder $keep; fi',
  'mount --rbind $folder/tmp /var/tmp',
]
