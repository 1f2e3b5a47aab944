// Products, stock, bulk edits and sheets as the API gives and takes them.
import type { Both, Money, OptionOut } from './wire';

export type Basis = 'lowest_7_days' | 'lowest_30_days' | 'suggested';
export type Reason =
  | 'received' | 'counted' | 'held' | 'sold' | 'lapsed' | 'released'
  | 'reclaimed' | 'returned' | 'damaged' | 'transferred';

export interface Was { price: Money; basis: Basis; since: string }

export interface Measures {
  width_cm?: number | null;
  length_cm?: number | null;
  height_cm?: number | null;
  fill_weight_g?: number | null;
}

export interface Textile {
  weave?: string | null;
  thread_count?: number | null;
  yarn_count?: number | null;
  gsm?: number | null;
  filling?: string | null;
}

export interface ProductVariant {
  id: string;
  sku: string;
  options: Record<string, string>;
  weight_g: number;
  price: Money;
  prices: Money[];
  was: Was[];
  measures: Measures;
  left: number;
  archived: boolean;
}

export interface DimensionOut extends OptionOut {
  retired: boolean;
  values: { key: string; label: Both; retired: boolean }[];
}

export interface ProductOut {
  id: string;
  merchant: string;
  title: Both;
  description: Both;
  category: string;
  hs_code: string;
  origin: string;
  fibre: { fibre: string; percent: number }[];
  textile: Textile;
  customs_name: string;
  customs_unit: string;
  gmodel: Record<string, string>;
  pictures: string[];
  alts: Record<string, Both>;
  options: DimensionOut[];
  variants: ProductVariant[];
  archived: boolean;
  version: number;
}

export interface NoteOut { field: string; code: string; text: Both }
export interface PictureOut { picture: string; width: number; height: number }

export interface LocationOut {
  id: string;
  merchant: string;
  name: Both;
  kind: 'warehouse' | 'studio' | 'shop' | 'other';
  priority: number;
}

export interface VariantStock {
  variant: string;
  product: string;
  title: Both;
  sku: string;
  options: Record<string, string>;
  archived: boolean;
  on_hand: number;
  held: number;
  left: number;
  at: { location: string; on_hand: number }[];
}

export interface Movement {
  id: number;
  variant: string;
  sku: string;
  on_hand: number;
  held: number;
  reason: Reason;
  reference: string;
  location: string | null;
  at: string;
}

export interface BulkLine {
  product: string;
  title: Both;
  variant: string | null;
  sku: string | null;
  field: string;
  before: string;
  after: string;
  problem: Both | null;
}

export interface BulkOut { lines: BulkLine[]; problems: number; seen: string; applied: boolean }

export type RowState = 'created' | 'changed' | 'unchanged' | 'error';
export interface Trouble { field: string; text: Both }

export interface RowOut {
  line: number;
  sku: string;
  state: RowState;
  changes: { field: string; before: string; after: string }[];
  errors: Trouble[];
  notes: Trouble[];
}

export interface ImportOut {
  id: string;
  merchant: string;
  filename: string;
  state: 'checked' | 'applied';
  sent_at: string;
  applied_at: string | null;
  counts: Record<RowState, number>;
  unknown_columns: string[];
  rows: RowOut[];
}
