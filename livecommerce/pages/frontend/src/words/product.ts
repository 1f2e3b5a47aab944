// Words of the product editor.
import { words } from './lang';

const zh = {
  new: '新建商品', edit: '编辑商品', save: '保存', saving: '正在保存…', saved: '已保存。', created: '商品已建好。',
  archive: '归档', unarchive: '恢复在售', archivedNote: '已归档：不再上架、不能购买，旧订单照常显示。',
  words: '名称与描述', titleZh: '中文标题', titleEn: '英文标题', descriptionZh: '中文描述', descriptionEn: '英文描述', category: '类目', categoryHint: '小写字母与连字符，如 bedding-sets',
  textile: '面料', fibre: '纤维', percent: '占比 %', addFibre: '添加纤维', sum: (n: number) => `合计 ${n}%`, sumWrong: '各纤维之和必须是 100%。',
  weave: '织法', threadCount: '密度（根/平方英寸）', yarnCount: '纱支（英支）', gsm: '克重（克/平方米）', filling: '填充物', unset: '未填',
  customs: '报关', hsCode: '海关编码（10 位）', origin: '原产国', customsName: '报关品名', customsUnit: '计量单位代码（3 位）', elements: '申报要素',
  elementNames: { purpose: '用途', weave: '织造方法', composition: '成分含量', filling: '填充物', brand: '品牌', brand_type: '品牌类型', export_preference: '出口享惠' } as Record<string, string>,
  pictures: '图片', upload: '上传图片', uploading: '正在处理…', dropPictures: '拖入图片，或', pictureHint: 'JPEG、PNG、WebP 等，最大 15 MB。会转正、压缩并去掉拍摄信息。', first: '首图',
  earlier: '前移', later: '后移', removePicture: '移除图片', altZh: '中文说明', altEn: '英文说明', noPictures: '还没有图片。',
  dimensions: '规格', addDimension: '添加规格', addValue: '添加值', dimensionZh: '规格名（中文）', dimensionEn: '规格名（英文）', valueZh: '值（中文）', valueEn: '值（英文）',
  removeDimension: '移除规格', removeValue: '移除这个值', existing: '已有货号归入第一个值。', dimensionHint: '货号由各规格的值组合而成；移除的值会归档相应货号。', combinations: (n: number) => `共 ${n} 个组合`, tooMany: '最多 500 个组合。',
  variants: '货号与价格', sku: '货号', price: '价格', weight: '重量（克）', stock: '库存', width: '宽 cm', length: '长 cm', fill: '填充 g', currency: '币种', stem: '货号前缀',
  fillAll: '填入全部', priceLists: '各币种价格与划线价', lists: '价格表', listPrice: '售价', wasPrice: '划线价', basis: '依据', since: '日期', addCurrency: '添加币种',
  wasHint: '划线价必须写明依据与日期，页面上与划线价一同显示（《直播电商监督管理办法》第三十二条）。', toAll: '用于全部货号', one: '用于这个货号', left: (n: number) => `可售 ${n}`, missing: '请把标出的内容填好。',
  weaves: { plain: '平纹', twill: '斜纹', sateen: '缎纹', jacquard: '提花', dobby: '小提花', percale: '高密平纹', gauze: '纱布', terry: '毛圈', velvet: '绒', fleece: '摇粒绒', jersey: '针织汗布', warp_knit: '经编', nonwoven: '无纺' } as Record<string, string>,
  fillings: { goose_down: '鹅绒', duck_down: '鸭绒', feather: '羽毛', silk: '蚕丝', wool: '羊毛', cotton: '棉', polyester: '聚酯纤维', lyocell: '莱赛尔', latex: '乳胶', memory_foam: '记忆棉', buckwheat: '荞麦' } as Record<string, string>,
  fibres: { cotton: '棉', polyester: '聚酯纤维', polyamide: '锦纶', acrylic: '腈纶', viscose: '粘胶', lyocell: '莱赛尔', modal: '莫代尔', bamboo: '竹浆', linen: '亚麻', silk: '桑蚕丝', wool: '羊毛', down: '羽绒', feather: '羽毛', elastane: '氨纶' } as Record<string, string>,
};

const en: typeof zh = {
  new: 'New product', edit: 'Edit product', save: 'Save', saving: 'Saving…', saved: 'Saved.', created: 'The product is made.',
  archive: 'Archive', unarchive: 'Back on sale', archivedNote: 'Archived: neither shelved nor sold any more; old orders still show it.',
  words: 'Words', titleZh: 'Chinese title', titleEn: 'English title', descriptionZh: 'Chinese description', descriptionEn: 'English description', category: 'Category', categoryHint: 'Small letters and dashes, as in bedding-sets',
  textile: 'Textile', fibre: 'Fibre', percent: 'Share %', addFibre: 'Add a fibre', sum: (n) => `${n}% in all`, sumWrong: 'The fibres add up to 100%.',
  weave: 'Weave', threadCount: 'Threads per square inch', yarnCount: 'Yarn count (Ne)', gsm: 'Grams per square metre', filling: 'Filling', unset: 'Not told',
  customs: 'Customs', hsCode: 'HS code (10 digits)', origin: 'Country of origin', customsName: 'Name for customs (Chinese)', customsUnit: 'Unit code (3 digits)', elements: 'Declaration elements',
  elementNames: { purpose: 'Purpose', weave: 'How woven', composition: 'Composition', filling: 'Filling', brand: 'Brand', brand_type: 'Kind of brand', export_preference: 'Export preference' },
  pictures: 'Pictures', upload: 'Add pictures', uploading: 'Working…', dropPictures: 'Drop pictures here, or', pictureHint: 'JPEG, PNG, WebP and others, up to 15 MB. They are turned upright, made small, and lose what the camera noted.', first: 'First',
  earlier: 'Earlier', later: 'Later', removePicture: 'Remove the picture', altZh: 'Text in Chinese', altEn: 'Text in English', noPictures: 'No pictures yet.',
  dimensions: 'Dimensions', addDimension: 'Add a dimension', addValue: 'Add a value', dimensionZh: 'Dimension (Chinese)', dimensionEn: 'Dimension (English)', valueZh: 'Value (Chinese)', valueEn: 'Value (English)',
  removeDimension: 'Remove the dimension', removeValue: 'Remove the value', existing: 'Existing variants get the first value.', dimensionHint: 'Variants are the combinations of the values. A value that is removed archives its variants.', combinations: (n) => (n === 1 ? '1 combination' : `${n} combinations`), tooMany: 'At most 500 combinations.',
  variants: 'Variants and prices', sku: 'SKU', price: 'Price', weight: 'Weight (g)', stock: 'Stock', width: 'Width cm', length: 'Length cm', fill: 'Filling g', currency: 'Currency', stem: 'SKUs begin with',
  fillAll: 'Fill in all', priceLists: 'Prices by currency, and was-prices', lists: 'Price lists', listPrice: 'Price', wasPrice: 'Was', basis: 'Basis', since: 'Date', addCurrency: 'Add a currency',
  wasHint: 'A was-price needs its basis and date; they are shown beside it (Order 117, Art. 32).', toAll: 'For all variants', one: 'For this variant', left: (n) => `${n} to sell`, missing: 'Fill in what is marked.',
  weaves: { plain: 'Plain', twill: 'Twill', sateen: 'Sateen', jacquard: 'Jacquard', dobby: 'Dobby', percale: 'Percale', gauze: 'Gauze', terry: 'Terry', velvet: 'Velvet', fleece: 'Fleece', jersey: 'Jersey', warp_knit: 'Warp knit', nonwoven: 'Nonwoven' },
  fillings: { goose_down: 'Goose down', duck_down: 'Duck down', feather: 'Feather', silk: 'Silk', wool: 'Wool', cotton: 'Cotton', polyester: 'Polyester', lyocell: 'Lyocell', latex: 'Latex', memory_foam: 'Memory foam', buckwheat: 'Buckwheat' },
  fibres: { cotton: 'Cotton', polyester: 'Polyester', polyamide: 'Polyamide', acrylic: 'Acrylic', viscose: 'Viscose', lyocell: 'Lyocell', modal: 'Modal', bamboo: 'Bamboo viscose', linen: 'Linen', silk: 'Silk', wool: 'Wool', down: 'Down', feather: 'Feather', elastane: 'Elastane' },
};

export const productWords = words(zh, en);
