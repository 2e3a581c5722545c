/* Which columns a question asks for: each statement reads those and no others, and is written once a document. */

const camel = (column) => column.replace(/_(.)/g, (_, letter) => letter.toUpperCase());

const columnsOf = (names, more = {}) => ({
  ...Object.fromEntries(names.split(' ').map((column) => [camel(column), column])),
  ...more,
});

export const COMMISSION = columnsOf(
  'id version number status enterprise_name contact_phone contact_mobile contact_email contact_address consignee_name ' +
    'product_use goods_location domestic_destination destination_port destination_customs entry_customs remarks ' +
    'total_quantity total_amount units_mixed return_reason commissioned_at submitted_at accepted_at completed_at',
);
export const GOODS_LINE = columnsOf(
  'id line_number product_name model hs_code manufactured_on quantity unit amount brand engine_number chassis_number ' +
    'running_hours inspection_required inspection_exempt import_prohibited',
);
export const INSTITUTION = columnsOf(
  'id filing_number name_zh name_en registered_place country status disposition_ends_on filed_at contact_name ' +
    'contact_phone contact_email',
);
export const ATTACHMENT = columnsOf('id name size_bytes media_type kind sha256 uploaded_at');
export const CERTIFICATE = columnsOf('id number issued_on valid_until signatory conclusion status');
export const RULE = columnsOf(
  'id hs_code name_zh name_en inspection_required inspection_exempt import_prohibited measure legal_basis valid_from ' +
    'valid_to',
);

const selected = new WeakMap();

/* The names of the fields below a field, or below `nodes` of it. */
export function fieldsOf(info, below) {
  const node = info.fieldNodes[0];
  let names = selected.get(node);
  if (names === undefined) {
    let set = node.selectionSet;
    if (below) set = set.selections.find((each) => each.name.value === below)?.selectionSet;
    names = new Set((set?.selections ?? []).map((each) => each.name.value));
    selected.set(node, names);
  }
  return names;
}

/* `alias.column as "field"` for each that is asked for and each that is needed anyway. */
export function select(table, alias, names, needed = {}) {
  const found = Object.entries({ ...needed });
  for (const name of names) if (name in table && !(name in needed)) found.push([name, `${alias}.${table[name]}`]);
  return found.map(([name, expression]) => `${expression} as "${name}"`).join(', ');
}
