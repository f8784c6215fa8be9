/**
 * The fields of a `/proc/PID/stat` from the third on, which is the state: parent and group follow. The second is the program's
 * name in brackets, which may hold spaces and brackets of its own.
 */
export function statFields(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}
