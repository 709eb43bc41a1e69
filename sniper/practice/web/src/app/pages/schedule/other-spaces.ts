/** Spaces of the campus that cannot be booked here: they make the picker long, and one holds the name of a court. */
const HALLS = ['Annex', 'Aula', 'Boathouse', 'Drill hall', 'Lecture room', 'Meeting room', 'Rehearsal room', 'Studio', 'Tower', 'Yard'];
const IN_EACH = 20;

export const OTHER_SPACES: readonly string[] = HALLS.flatMap((hall) =>
  Array.from({ length: IN_EACH }, (_, index) => (hall === 'Annex' && index === 0 ? 'Annex1 Atrium' : `${hall} ${index + 1}`)),
);
