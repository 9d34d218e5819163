import type { CustomField, Fleet } from './fleet.ts';
import { contentType, type Insert, idsOf, literal, writtenAt } from './sql-values.ts';

const written = { created: literal(writtenAt), last_updated: literal(writtenAt) } as const;

/** Custom fields of devices with their choices, and tags. */
export function organisationRows(fleet: Fleet): Insert[] {
  return [
    {
      table: 'extras_customfieldchoiceset',
      same: { ...written, description: "''", order_alphabetically: 'false', choice_colors: "'{}'" },
      columns: ['id', 'name', 'extra_choices::varchar[]'],
      rows: fleet.choiceSets.map(({ name, choices }, i) => [i + 1, name, arrayText(choices)]),
    },
    customFieldRows(fleet),
    {
      table: 'extras_customfield_object_types',
      same: { contenttype_id: contentType('dcim', 'device') },
      columns: ['id', 'customfield_id'],
      rows: fleet.customFields.map((_, i) => [i + 1, i + 1]),
    },
    {
      table: 'extras_tag',
      same: { ...written, weight: '1000' },
      columns: ['id', 'name', 'slug', 'color', 'description'],
      rows: fleet.tags.map(({ name, slug, color, description }, i) => [i + 1, name, slug, color, description]),
    },
  ];
}

function customFieldRows(fleet: Fleet): Insert {
  const choiceSet = idsOf(fleet.choiceSets, set => set.name);
  const row = (field: CustomField, i: number) => {
    const setId = field.choiceSet === undefined ? null : choiceSet(field.choiceSet);
    return [i + 1, field.name, field.label, field.type, field.description, field.group, setId];
  };
  return {
    table: 'extras_customfield',
    same: {
      ...written,
      status: "'active'",
      required: 'false',
      '"unique"': 'false',
      filter_logic: "'loose'",
      weight: '100',
      search_weight: '1000',
      validation_regex: "''",
      is_cloneable: 'false',
      ui_visible: "'always'",
      ui_editable: "'yes'",
      nulls_first: 'true',
      comments: "''",
    },
    columns: ['id', 'name', 'label', 'type', 'description', 'group_name', 'choice_set_id::bigint'],
    rows: fleet.customFields.map(row),
  };
}

/** A two-dimensional array in PostgreSQL's notation; JSON's quoting of strings is valid in it. */
function arrayText(pairs: readonly (readonly string[])[]): string {
  return `{${pairs.map(pair => `{${pair.map(text => JSON.stringify(text)).join(',')}}`).join(',')}}`;
}
