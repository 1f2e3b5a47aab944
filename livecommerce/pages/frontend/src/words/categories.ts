// What the usual home-textile categories are called; a merchant's own are shown as they are.
import type { Both } from '../api/wire';
import { told } from './lang';

const NAMES: Record<string, Both> = {
  'bath-mats': { zh: '浴室地垫', en: 'Bath mats' },
  'bedding-sets': { zh: '床品套件', en: 'Bedding sets' },
  bedspreads: { zh: '床盖', en: 'Bedspreads' },
  blankets: { zh: '毯子', en: 'Blankets' },
  coverlets: { zh: '毛巾被', en: 'Coverlets' },
  curtains: { zh: '窗帘', en: 'Curtains' },
  cushions: { zh: '靠垫', en: 'Cushions' },
  kitchen: { zh: '厨房布艺', en: 'Kitchen textiles' },
  'mattress-pads': { zh: '床褥', en: 'Mattress pads' },
  pillowcases: { zh: '枕套', en: 'Pillowcases' },
  pillows: { zh: '枕头', en: 'Pillows' },
  quilts: { zh: '被子', en: 'Quilts' },
  rugs: { zh: '地毯', en: 'Rugs' },
  sheets: { zh: '床单', en: 'Sheets' },
  'table-linen': { zh: '餐桌布艺', en: 'Table linen' },
  towels: { zh: '毛巾', en: 'Towels' },
};

export const categoryName = (slug: string): string => told(NAMES[slug]) || slug;
