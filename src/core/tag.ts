/** The one tag that bmtool sets: on cables whose switch ends are swapped. */
export const invertedTag = 'cable-inverted';
